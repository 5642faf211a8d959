with

fct_listen_history as (

    select * from {{ ref('fct_listen_history') }}
    where date_key != -1 and user_key != -1

),

dim_date as (

    select * from {{ ref('dim_date') }}

),

active as (

    select distinct
        fct_listen_history.user_key,
        dim_date.month_start_date
    from fct_listen_history
    inner join dim_date on fct_listen_history.date_key = dim_date.date_key

),

joined_in as (

    select
        user_key,
        month_start_date,
        min(month_start_date) over (partition by user_key)
            as cohort_start_date
    from active

),

counted as (

    select
        cohort_start_date,
        month_start_date,
        count(*) as retained_count
    from joined_in
    group by cohort_start_date, month_start_date

),

cohorts as (

    select
        cohort_start_date,
        retained_count as cohort_size
    from counted
    where cohort_start_date = month_start_date

),

last_month as (

    select max(month_start_date) as month_start_date
    from active

),

-- A row per cohort and month, also for months in which nobody came back.
grid as (

    select
        cohorts.cohort_start_date,
        cohorts.cohort_size,
        explode(
            sequence(
                cohorts.cohort_start_date,
                last_month.month_start_date,
                interval 1 month
            )
        ) as month_start_date
    from cohorts
    cross join last_month

),

retention_by_cohort as (

    select
        ---------- keys
        grid.cohort_start_date,
        cast(
            months_between(grid.month_start_date, grid.cohort_start_date) as int
        ) as months_since_first,
        grid.month_start_date,

        ---------- numbers
        grid.cohort_size,
        coalesce(counted.retained_count, 0) as retained_count,
        coalesce(counted.retained_count, 0) / grid.cohort_size
            as retention_rate

    from grid
    left join counted
        on
            grid.cohort_start_date = counted.cohort_start_date
            and grid.month_start_date = counted.month_start_date

)

select * from retention_by_cohort
