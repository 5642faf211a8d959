with

landed as (

    select * from {{ source('music_api', 'rejects') }}

)

select * from landed
