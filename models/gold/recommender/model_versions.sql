{{ config(materialized='incremental', incremental_strategy='rewrite') }}

with

als_factors as (

    select * from {{ ref('als_factors') }}

),

evaluated_users as (

    select * from {{ ref('evaluated_users') }}

),

kept as (

    select
        model_version,
        max(training) as training
    from als_factors
    group by model_version

),

ranked as (

    select
        kept.*,
        row_number() over (
            order by kept.training.wanted_at desc, kept.model_version asc
        ) as age
    from kept

),

-- The lists of the newest version, of popularity, and of the version served
-- before, user by user.
compared as (

    select
        user_key,
        max(ndcg) filter (where recommender = 'model') as ndcg,
        max(ndcg) filter (where recommender = 'popularity') as popularity_ndcg,
        max(ndcg) filter (where recommender = 'previous') as previous_ndcg
    from evaluated_users
    group by user_key

),

averaged as (

    select
        count(*) as user_count,
        avg(ndcg) as ndcg,
        avg(popularity_ndcg) as popularity_ndcg,
        avg(previous_ndcg) as previous_ndcg,
        -- The end of the 95 % confidence interval of what was gained.
        avg(ndcg - previous_ndcg)
        + 1.96 * stddev_samp(ndcg - previous_ndcg) / sqrt(count(*))
            as highest_gain
    from compared

),

-- Nothing was measured of a version that held out another share.
newest as (

    select
        averaged.*,
        ranked.training.previous_version is not null
        and averaged.previous_ndcg is null as is_incomparable
    from averaged
    inner join ranked on ranked.age = 1

),

judged as (

    select
        *,
        case
            when user_count < {{ var('fewest_users_to_judge') }}
                then 'too_few_users'
            when ndcg <= popularity_ndcg then 'no_better_than_popularity'
            when is_incomparable then 'not_comparable'
            when
                ndcg < (1 - {{ var('tolerated_quality_loss') }}) * previous_ndcg
                and highest_gain < 0
                then 'worse_than_before'
            else 'passed'
        end as verdict
    from newest

),

trained as (

    select
        ---------- keys
        ranked.model_version,

        ---------- what it was made of
        ranked.training.trained_at,
        ranked.training.wanted_at,
        ranked.training.seconds as training_seconds,
        ranked.training.landed_until,
        ranked.training.listened_until,
        ranked.training.interaction_count,
        ranked.training.parameters,
        ranked.training.neighbour_share,
        ranked.training.recent_share,
        ranked.training.code_version,
        ranked.training.previous_version,

        ---------- what it is worth
        judged.user_count,
        judged.ndcg,
        judged.popularity_ndcg,
        judged.previous_ndcg,
        judged.verdict,
        judged.verdict in ('passed', 'too_few_users', 'not_comparable')
            as is_accepted,
        ranked.age,
        true as is_kept
    from ranked
    left join judged on ranked.age = 1

),

{% if is_incremental() %}

known as (

    select {{ columns_so_far(this, model.columns) }} from {{ this }}

),

-- What was said of all versions but the newest stands.
former as (

    select
        known.* except (is_kept),
        kept.model_version is not null as is_kept
    from known
    left join kept on known.model_version = kept.model_version
    left anti join trained
        on
            known.model_version = trained.model_version
            and trained.age = 1

),

added as (

    select trained.* except (age)
    from trained
    left anti join former on trained.model_version = former.model_version

),

history as (

    select * from added
    union all
    select * from former

)

{% else %}

history as (

    select * except (age) from trained

)

{% endif %}

select * from history
